"""The evaluator for cross products: every image with every ECS, as rows of bits."""
