"""Reports as pages of HTML that need nothing else: what was found in plots, and the candidates to be looked through."""
