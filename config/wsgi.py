import os

from django.core.wsgi import get_wsgi_application

from config.checks import refuse_unsafe_mail
from ledger.privileges import warn_at_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()
refuse_unsafe_mail()
warn_at_start()
