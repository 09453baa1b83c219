"""Programs for those who work on OpenUCWA."""
