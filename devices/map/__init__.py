"""Device maps: a site's devices, tags and handshakes as YAML, checked before anything connects."""
