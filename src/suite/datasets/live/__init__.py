"""Tables given in Python, of whatever library."""
