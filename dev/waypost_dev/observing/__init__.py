"""`make observe`: what a running platform's metrics say, as a page in the terminal."""
