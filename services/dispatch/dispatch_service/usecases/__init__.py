"""What dispatch does, a verb a file."""
