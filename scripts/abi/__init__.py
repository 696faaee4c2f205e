"""What `scripts/abi-check` is made of: the binary interface of the plugin header, and the rules for changing it."""
