"""Names of span attributes, in one place: OpenTelemetry's semantic conventions for messaging and RPC still change.

Pinned to v1.45.0 (messaging: Development; rpc: Development; http: Stable). Ours begin with `waypost.`. No attribute
holds what a customer or a person wrote: no payload, address, name, key or path with its values filled in.
"""

HTTP_METHOD = "http.request.method"
HTTP_ROUTE = "http.route"
HTTP_STATUS = "http.response.status_code"

RPC_SYSTEM = "rpc.system.name"
RPC_METHOD = "rpc.method"
RPC_STATUS = "rpc.response.status_code"

MESSAGING_SYSTEM = "messaging.system"
DESTINATION = "messaging.destination.name"
DESTINATION_TEMPLATE = "messaging.destination.template"
OPERATION = "messaging.operation.type"
GROUP = "messaging.consumer.group.name"
COUNT = "messaging.batch.message_count"

ERROR = "error.type"

REPEAT = "waypost.repeat"
"""The batch had been done before, and was only acknowledged."""
RUN = "waypost.run_id"
MESSAGE = "waypost.message_id"
ATTEMPT = "waypost.attempt"
CHANNEL = "waypost.channel"
ACCOUNT = "waypost.account"
OUTCOME = "waypost.outcome"
