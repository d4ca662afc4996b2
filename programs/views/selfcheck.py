from django.http import HttpResponse


def self_check(request, slug):
    return HttpResponse("")
