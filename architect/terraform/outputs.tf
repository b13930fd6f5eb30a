output "client_id" {
  description = "GENESYS_CLIENT_ID of Handoff; its secret is shown once, in the platform's own pages"
  value       = genesyscloud_oauth_client.handoff.client_id
}

output "data_actions" {
  description = "The data actions as a flow names them"
  value       = { for key, action in genesyscloud_integration_action.handoff : key => action.name }
}
