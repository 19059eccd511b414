"""Read-only HTML pages of the portal, Timepad, Leyka and of what was sent, in Russian, for people and for pictures."""

from starlette.routing import Route

from backoffice.sandbox.pages.application import application
from backoffice.sandbox.pages.companies import company_card
from backoffice.sandbox.pages.contacts import contact_card, contact_table
from backoffice.sandbox.pages.deals import deal_card, deal_table
from backoffice.sandbox.pages.leyka import donation_table
from backoffice.sandbox.pages.lists import all_lists, list_view
from backoffice.sandbox.pages.mail import letter_page, mail_table
from backoffice.sandbox.pages.products import product_card, product_table
from backoffice.sandbox.pages.render import page
from backoffice.sandbox.pages.sms import sms_table
from backoffice.sandbox.pages.start import start
from backoffice.sandbox.pages.tasks import task_card, task_table
from backoffice.sandbox.pages.timepad import event_table, ticket_table
from backoffice.sandbox.world import World


def routes(world: World) -> list[Route]:
    """The addresses are those of a real portal where it has such a page."""
    return [
        page(world, "/", start),
        page(world, "/contacts", contact_table),
        page(world, "/crm/contact/details/{contact_id:int}/", contact_card),
        page(world, "/crm/company/details/{company_id:int}/", company_card),
        page(world, "/deals", deal_table),
        page(world, "/crm/deal/details/{deal_id:int}/", deal_card),
        page(world, "/tasks", task_table),
        page(world, "/company/personal/user/{user_id:int}/tasks/task/view/{task_id:int}/", task_card),
        page(world, "/products", product_table),
        page(world, "/crm/catalog/{iblock_id:int}/product/{product_id:int}/", product_card),
        page(world, "/company/lists/", all_lists),
        page(world, "/company/lists/{list_id:int}/view/{section_id:int}/", list_view),
        page(world, "/marketplace/app/", application),
        page(world, "/events", event_table),
        page(world, "/events/{event_id:int}", ticket_table),
        page(world, "/mail", mail_table),
        page(world, "/mail/{letter_id:int}", letter_page),
        page(world, "/sms", sms_table),
        page(world, "/leyka", donation_table),
    ]
