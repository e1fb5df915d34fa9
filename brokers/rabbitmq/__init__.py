"""RabbitMQ: the broker of the full size. Only here is it spoken to."""
