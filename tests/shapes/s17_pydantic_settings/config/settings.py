"""The settings, which are checked when they are imported."""

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """All of them are required."""

    model_config = SettingsConfigDict(extra="ignore")

    pusher_app_id: str
    pusher_app_key: str
    pusher_app_secret: str
    pusher_app_cluster: str


settings = Settings()  # type: ignore[call-arg] # they are in the environment
