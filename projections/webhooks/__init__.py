"""What is due to be sent: the follower of the log behind webhooks, on everybody's engine.

Its read model is only which webhooks a tenant has. What it adds to ``work.webhook_delivery`` is no
read model: it is never thrown away, and never added twice.
"""
