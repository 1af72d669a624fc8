"""QR codes: of links of ours that count who scans them, and of channels that name the code in what they send."""
