variable "base_url" {
  description = "Where the platform reaches Handoff, https and without a slash at the end"
  type        = string
  validation {
    condition     = can(regex("^https://[^/]+(/.*[^/])?$", var.base_url))
    error_message = "base_url must be an https address without a slash at the end."
  }
}

variable "api_key" {
  description = "Handoff's key for the flows, hk_<id>_<secret>, with the scopes transfers:write and transfers:read"
  type        = string
  sensitive   = true
}

variable "use_oauth" {
  description = "true: the data actions fetch a token for the key (User Defined (OAuth)); false: they send the key itself"
  type        = bool
  default     = false
}

variable "division_id" {
  description = "Division in which Handoff may see and move calls; * is all"
  type        = string
  default     = "*"
}

variable "allow_numbers" {
  description = "Whether calls may leave for a number, which needs one more permission"
  type        = bool
  default     = false
}

variable "integration_name" {
  description = "Name of the integration, and category of its data actions in Architect"
  type        = string
  default     = "Handoff"
}

variable "sample_flow" {
  description = "Whether the sample inbound call flow is published"
  type        = bool
  default     = false
}

variable "sample_schedule_group_id" {
  description = "ID of the schedule group of the sample flow that offers a callback; if set, that flow is published"
  type        = string
  default     = ""
}

variable "sample_bot_integration" {
  description = "Name of the Audio Connector integration of the sample flow with a voice bot; if set, that flow is published"
  type        = string
  default     = ""
}

variable "sample_bot_connector_id" {
  description = "Connector ID of the voice bot"
  type        = string
  default     = "support"
}

variable "sample_skill_id" {
  description = "ID of the skill that an agent must have to take a call from the voice bot"
  type        = string
  default     = ""
}

variable "sample_queue" {
  description = "Name of the queue that the sample flows ask for"
  type        = string
  default     = "Support"
}

variable "sample_fallback_queue" {
  description = "Name of the queue that the sample flows fall back to"
  type        = string
  default     = "Fallback"
}

variable "sample_division" {
  description = "Name of the division of the sample flows"
  type        = string
  default     = "Home"
}
