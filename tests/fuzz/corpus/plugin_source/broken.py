x = (
"""
@routes.get('/banana/token_usage
	def f(:
\