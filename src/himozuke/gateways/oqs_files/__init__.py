"""The folder through which clinics' software asks: request files in ``req``, answers in ``res``, card reads in ``face``."""
