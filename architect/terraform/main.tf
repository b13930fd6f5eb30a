# What Handoff itself needs: a client with the least permissions.
resource "genesyscloud_auth_role" "handoff" {
  name        = "Handoff"
  description = "Moves calls and watches who picks up"

  permission_policies {
    domain      = "conversation"
    entity_name = "communication"
    action_set  = concat(["view", "blindTransferAgent", "blindTransferQueue"], var.allow_numbers ? ["blindTransfer"] : [])
  }
  permission_policies {
    domain      = "conversation"
    entity_name = "callback"
    action_set  = ["create"]
  }
  permission_policies {
    domain      = "routing"
    entity_name = "conversation"
    action_set  = ["edit"]
  }
  permission_policies {
    domain      = "routing"
    entity_name = "queue"
    action_set  = ["view"]
  }
  permission_policies {
    domain      = "routing"
    entity_name = "skill"
    action_set  = ["view"]
  }

  # Bulk transfers: which calls wait in a queue.
  permission_policies {
    domain      = "analytics"
    entity_name = "queueObservation"
    action_set  = ["view"]
  }

  # Opening hours. Without them a place counts as open.
  permission_policies {
    domain      = "routing"
    entity_name = "schedule"
    action_set  = ["view"]
  }
  permission_policies {
    domain      = "routing"
    entity_name = "scheduleGroup"
    action_set  = ["view"]
  }
  permission_policies {
    domain      = "routing"
    entity_name = "emergencyGroup"
    action_set  = ["view"]
  }
}

resource "genesyscloud_oauth_client" "handoff" {
  name                          = "Handoff"
  description                   = "Client of the Handoff service"
  authorized_grant_type         = "CLIENT-CREDENTIALS"
  access_token_validity_seconds = 86400
  state                         = "active"
  expose_client_secret          = false

  roles {
    role_id     = genesyscloud_auth_role.handoff.id
    division_id = var.division_id
  }
}

# What the flows need: an integration that knows Handoff's address and key, and the data actions.
resource "genesyscloud_integration_credential" "handoff" {
  name                 = var.integration_name
  credential_type_name = var.use_oauth ? "userDefinedOAuth" : "userDefined"
  fields = var.use_oauth ? {
    baseUrl      = var.base_url
    clientId     = split("_", var.api_key)[1]
    clientSecret = var.api_key
    } : {
    baseUrl = var.base_url
    apiKey  = var.api_key
  }
}

resource "genesyscloud_integration" "handoff" {
  intended_state   = "ENABLED"
  integration_type = "custom-rest-actions"

  config {
    name       = var.integration_name
    notes      = "Moves live calls; see architect/README.md of Handoff"
    properties = jsonencode({})
    advanced   = jsonencode({})
    # The provider names it so, whatever the type of the credential.
    credentials = { basicAuth = genesyscloud_integration_credential.handoff.id }
  }
}

locals {
  login = jsondecode(file("${path.module}/../Handoff-OAuth.customAuth.json"))
  actions = {
    request = jsondecode(file("${path.module}/../Handoff-Request-Transfer.custom.json"))
    decide  = jsondecode(file("${path.module}/../Handoff-Decide-Transfer.custom.json"))
    get     = jsondecode(file("${path.module}/../Handoff-Get-Transfer.custom.json"))
  }
  # With a token, the key and the address are known to the login only.
  token_header = { Authorization = "$${authResponse.token_type} $${authResponse.access_token}" }
}

resource "genesyscloud_integration_custom_auth_action" "login" {
  count          = var.use_oauth ? 1 : 0
  integration_id = genesyscloud_integration.handoff.id
  name           = local.login.name

  config_request {
    request_url_template = local.login.config.request.requestUrlTemplate
    request_type         = local.login.config.request.requestType
    request_template     = local.login.config.request.requestTemplate
    headers              = local.login.config.request.headers
  }
  config_response {
    success_template = local.login.config.response.successTemplate
  }
}

resource "genesyscloud_integration_action" "handoff" {
  for_each               = local.actions
  name                   = each.value.name
  category               = var.integration_name
  integration_id         = genesyscloud_integration.handoff.id
  secure                 = each.value.secure
  config_timeout_seconds = each.value.config.timeoutSeconds
  contract_input         = jsonencode(each.value.contract.input.inputSchema)
  contract_output        = jsonencode(each.value.contract.output.successSchema)

  config_request {
    request_url_template = var.use_oauth ? replace(each.value.config.request.requestUrlTemplate, "$${credentials.baseUrl}", var.base_url) : each.value.config.request.requestUrlTemplate
    request_type         = each.value.config.request.requestType
    request_template     = each.value.config.request.requestTemplate
    headers = merge(
      { for name, value in each.value.config.request.headers : name => value if !(var.use_oauth && name == "X-API-Key") },
      var.use_oauth ? local.token_header : {},
    )
  }
  config_response {
    translation_map          = each.value.config.response.translationMap
    translation_map_defaults = each.value.config.response.translationMapDefaults
    success_template         = each.value.config.response.successTemplate
  }
}

resource "genesyscloud_flow" "sample" {
  count    = var.sample_flow ? 1 : 0
  filepath = "${path.module}/../sample-inbound.yaml"

  substitutions = {
    flow_name        = "Handoff sample"
    division         = var.sample_division
    integration_name = var.integration_name
    decide_action    = genesyscloud_integration_action.handoff["decide"].name
    queue            = var.sample_queue
    fallback_queue   = var.sample_fallback_queue
  }
}

resource "genesyscloud_flow" "callback_offer" {
  count    = var.sample_schedule_group_id == "" ? 0 : 1
  filepath = "${path.module}/../sample-callback-offer.yaml"

  substitutions = {
    flow_name         = "Handoff sample with callback offer"
    division          = var.sample_division
    integration_name  = var.integration_name
    decide_action     = genesyscloud_integration_action.handoff["decide"].name
    request_action    = genesyscloud_integration_action.handoff["request"].name
    queue             = var.sample_queue
    fallback_queue    = var.sample_fallback_queue
    schedule_group_id = var.sample_schedule_group_id
  }
}

resource "genesyscloud_flow" "voice_bot" {
  count    = var.sample_bot_integration == "" ? 0 : 1
  filepath = "${path.module}/../sample-voice-bot.yaml"

  substitutions = {
    flow_name        = "Handoff sample with voice bot"
    division         = var.sample_division
    integration_name = var.integration_name
    decide_action    = genesyscloud_integration_action.handoff["decide"].name
    queue            = var.sample_queue
    fallback_queue   = var.sample_fallback_queue
    skill_id         = var.sample_skill_id
    bot_integration  = var.sample_bot_integration
    bot_connector_id = var.sample_bot_connector_id
  }
}
