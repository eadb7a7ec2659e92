"""Writes capabilities without end and says which are stored; made to be killed.

`python -m tests.concurrency.writer FIRST DATABASE` prints each number from FIRST on, once it is confirmed.
"""

from __future__ import annotations

import os
import sys
from itertools import count

import django


def main(first: int, database: str) -> None:
    """Send each write twice, as an impatient client would."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "gonghe.config.settings"
    django.setup()
    from django.db import connection

    connection.settings_dict["NAME"] = database
    from gonghe.apps.audit.idempotency import once
    from gonghe.apps.members.acting import find_acting
    from gonghe.apps.members.models import User
    from gonghe.apps.technology import services

    acting = find_acting(User.objects.get(email="owner@hengda.example.org"), "hengda")

    def write() -> tuple[int, dict[str, str]]:
        limits = {"batch_pieces": {"max": number}}
        made = services.save_capability(acting, process="turning", constraints=limits)
        return 201, {"id": str(made.pk)}

    for number in count(first):
        key = f"capability-{number}"
        first_answer = once(acting.principal, "POST /capabilities", key, b"", write)
        again = once(acting.principal, "POST /capabilities", key, b"", write)
        assert again.replayed
        assert again.body == first_answer.body
        print(number, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
