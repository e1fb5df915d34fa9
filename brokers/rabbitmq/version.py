"""Which RabbitMQ answers at a URL: one connection, asked once and closed. For the self-check."""

from __future__ import annotations

import asyncio

from aio_pika import Connection
from aio_pika.exceptions import AuthenticationError, ProbableAuthenticationError
from yarl import URL

from brokers.rabbitmq.opening import closed
from brokers.settings import BrokerSettings
from domain.errors import BrokerAway


async def version_of(url: str, settings: BrokerSettings) -> str:
    """The server's version. Raises BrokerAway, with a reason that names no host and no user."""
    connection = Connection(URL(url))
    try:
        async with asyncio.timeout(settings.connect_timeout_s):
            await connection.connect()
        assert connection.transport is not None
        version = connection.transport.connection.server_properties["version"]
    except (AuthenticationError, ProbableAuthenticationError):
        raise BrokerAway("does not let us in") from None
    except TimeoutError:
        raise BrokerAway("does not answer in time") from None
    except Exception as error:  # whatever the client library raises, it is not there
        raise BrokerAway(f"cannot be used ({type(error).__name__})") from error
    finally:
        await closed(connection.close)
    return version.decode() if isinstance(version, bytes) else str(version)
