"""Facts from providers: files, the store, the panel made of it, its checks."""
