"""What people may ask about their data: to see it, to take it along, to be forgotten, not to be profiled."""
