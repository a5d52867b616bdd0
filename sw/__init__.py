"""What runs where the accelerator runs: its driver, a simulated board for it, and notebooks."""
