from django.urls import path

from .views import PageView

urlpatterns = [path("page/<int:page>/", PageView.as_view())]
