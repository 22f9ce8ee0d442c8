"""One lazy import at a time.

Two threads that enter a package at two of its modules can each hold what the other waits for; Python notices and fails
one of them, which may be the one that answers a request. So what a thread imports when it is first needed, and what
brings libraries along, it imports with LOADING held. What has it already does not ask for the lock: a phone must not wait
until somebody's first report has loaded its engine.
"""

import threading

LOADING = threading.RLock()  # a module that is being imported may need another one in the same way
