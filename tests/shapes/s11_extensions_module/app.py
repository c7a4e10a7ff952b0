"""The factory."""

from flask import Flask

from . import game


def create_app() -> Flask:
    app = Flask(__name__)
    app.register_blueprint(game.blueprint)
    return app
