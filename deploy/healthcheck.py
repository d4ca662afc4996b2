"""Ask the web server of this container whether it is well; exit 0 when it is. Used by docker-compose.yml."""

import os
import sys
import urllib.request

# The portal answers only to its own names, so the probe uses the first of them.
host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip()
request = urllib.request.Request("http://127.0.0.1:8000/healthz", headers={"Host": host})
try:
    with urllib.request.urlopen(request, timeout=8) as answer:  # noqa: S310
        sys.exit(0 if answer.status == 200 else 1)
except OSError as error:
    print(error, file=sys.stderr)
    sys.exit(1)
