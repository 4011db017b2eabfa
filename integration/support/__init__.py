"""What the integration tests share: a federation of real nodes (federation.py)."""
