"""Services that know no trade: page versions, audit, outbox, rate limits, health."""
