"""Pages of the applications in Chromium, which load pusher-js from where Pusher has it."""
