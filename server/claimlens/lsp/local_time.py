"""The time zone of the machine, right for every date: today's offset is wrong for half the year."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo


class LocalZone(tzinfo):
    """What the operating system says of each moment."""

    def fromutc(self, moment: datetime) -> datetime:
        """Return the local time of a moment in UTC."""
        return moment.replace(tzinfo=UTC).astimezone().replace(tzinfo=self)

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        """Return how far local time is ahead of UTC."""
        return _local(moment).utcoffset()

    def tzname(self, moment: datetime | None) -> str | None:
        """Return the name of local time, such as ``CET``."""
        return _local(moment).tzname()

    def dst(self, moment: datetime | None) -> timedelta | None:
        """Return None: the operating system does not say it apart."""
        return None


def _local(moment: datetime | None) -> datetime:
    wall_time = moment.replace(tzinfo=None) if moment else datetime.now(UTC).replace(tzinfo=None)
    return wall_time.astimezone()
