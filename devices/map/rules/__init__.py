"""The rules of the semantic pass, one file per thing they look at."""
