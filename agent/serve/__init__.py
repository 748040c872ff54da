"""The app in a browser: textual-serve behind a gate that lets in who has the token, bound to this machine."""
