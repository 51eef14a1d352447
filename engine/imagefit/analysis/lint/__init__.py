"""What is odd about a pack: rules that never fail, say nothing new, contradict each other."""
