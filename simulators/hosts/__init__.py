"""What shop, ERP and carrier share: HTTP, failing on demand, one act per key, a log of every
request."""
