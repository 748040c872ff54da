"""Settings: a person's, in settings.toml beside keys.toml, and a study's. Flags, page, file and docs are made of one
schema. A value is that of the flag, the environment, the study, the person's file or the default: the first there is.
"""
