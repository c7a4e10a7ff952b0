"""Appointments, on a server of Pusher's protocol that they run themselves."""
