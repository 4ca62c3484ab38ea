#!/bin/bash
# Runs once, when PostgreSQL's files are made. The service's role is no superuser: it owns its database and may make
# roles (weboffice_portal) and databases.
set -euo pipefail
password=$(cat /secrets/postgres/weboffice)
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username postgres --dbname postgres --set password="$password" <<'SQL'
CREATE ROLE weboffice LOGIN CREATEDB CREATEROLE PASSWORD :'password';
CREATE DATABASE weboffice OWNER weboffice;
SQL
