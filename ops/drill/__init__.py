"""The recovery drill: a real Flowise loses its database, files and namespace, and gets them back by the runbooks."""
