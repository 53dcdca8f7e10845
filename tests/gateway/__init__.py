"""Settings, people, loading, pages."""
