FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /app

COPY requirements.txt .
RUN pip install --require-hashes -r requirements.txt

COPY . .
# the key is only there to let settings load; the image keeps none
RUN SECRET_KEY=build python manage.py collectstatic --no-input -v 0 && useradd --system --no-create-home orientation
USER orientation

EXPOSE 8000
# heartbeat files in memory: a slow disk must not look like a dead worker
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--workers", "4", "--timeout", "300", "--worker-tmp-dir", "/dev/shm", "--access-logfile", "-"]
