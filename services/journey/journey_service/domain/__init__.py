"""Pure: definitions, runs, and the planner that moves runs along. Standard library and libs/rules only."""
