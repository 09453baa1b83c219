"""The rules, as pure functions on plain structures. No SQL, no HTTP, no clock of its own."""
