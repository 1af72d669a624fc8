"""The kinds of messages there are, whether or not this installation has an account for them."""

from collections.abc import Mapping

from dispatch_service.channels.email import Email
from dispatch_service.channels.sms import Sms
from dispatch_service.ports import Channel

CHANNELS: Mapping[str, Channel] = {channel.name: channel for channel in (Sms(), Email())}
