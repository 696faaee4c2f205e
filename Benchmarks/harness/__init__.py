"""What Benchmarks/run consists of."""
