"""Pure planners and values: what to send, at which slot, and what each answer means."""
