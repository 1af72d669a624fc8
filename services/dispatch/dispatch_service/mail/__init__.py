"""What an e-mail is made of, and what comes back: no other channel needs it."""
