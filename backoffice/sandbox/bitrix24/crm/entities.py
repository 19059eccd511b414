"""The four kinds of CRM objects and their standard fields.

Official sources: crm/{contacts,companies,deals,leads}/crm-*-add.md and -get.md, crm/universal/object-fields.md.
"""

from backoffice.sandbox.bitrix24.crm.schema import EntityType, Field, read_fields

_COMMON = """
ID integer id ro
DATE_CREATE datetime createdTime
DATE_MODIFY datetime updatedTime ro
CREATED_BY_ID user createdBy
MODIFY_BY_ID user updatedBy ro
ASSIGNED_BY_ID user
OPENED char
LAST_ACTIVITY_TIME datetime ro
LAST_ACTIVITY_BY user ro
SOURCE_ID crm_status:SOURCE
SOURCE_DESCRIPTION string
COMMENTS string
ORIGINATOR_ID string
ORIGIN_ID string
UTM_SOURCE string
UTM_MEDIUM string
UTM_CAMPAIGN string
UTM_CONTENT string
UTM_TERM string
"""

_REACHABLE = """
HAS_PHONE char ro
HAS_EMAIL char ro
HAS_IMOL char ro
PHONE crm_multifield multiple
EMAIL crm_multifield multiple
WEB crm_multifield multiple
IM crm_multifield multiple
LINK crm_multifield multiple
ADDRESS string
ADDRESS_2 string
ADDRESS_CITY string
ADDRESS_POSTAL_CODE string
ADDRESS_REGION string
ADDRESS_PROVINCE string
ADDRESS_COUNTRY string
ADDRESS_COUNTRY_CODE string
"""

_PERSON = """
HONORIFIC crm_status:HONORIFIC
NAME string
SECOND_NAME string
LAST_NAME string
BIRTHDATE date
POST string
"""

_MONEY = """
OPPORTUNITY double
CURRENCY_ID crm_currency
IS_MANUAL_OPPORTUNITY char
"""

_MOVED = """
MOVED_TIME datetime ro
MOVED_BY_ID user movedBy ro
"""

_CONTACT = """
PHOTO file
LEAD_ID crm_lead
TYPE_ID crm_status:CONTACT_TYPE
EXPORT char
FACE_ID integer
ORIGIN_VERSION string
COMPANY_ID crm_company
COMPANY_IDS crm_company multiple write_only
"""

_COMPANY = """
TITLE string required
LOGO file
LEAD_ID crm_lead
COMPANY_TYPE crm_status:COMPANY_TYPE typeId
INDUSTRY crm_status:INDUSTRY
EMPLOYEES crm_status:EMPLOYEES
REVENUE double
CURRENCY_ID crm_currency
BANKING_DETAILS string
IS_MY_COMPANY char
ORIGIN_VERSION string
CONTACT_ID crm_contact multiple contactIds write_only
"""

_DEAL = """
TITLE string
TYPE_ID crm_status:DEAL_TYPE
CATEGORY_ID crm_category
STAGE_ID crm_status:DEAL_STAGE
STAGE_SEMANTIC_ID string ro
PROBABILITY integer
TAX_VALUE double
LEAD_ID crm_lead
COMPANY_ID crm_company
CONTACT_ID crm_contact
CONTACT_IDS crm_contact multiple write_only
QUOTE_ID crm_quote
BEGINDATE date begindate
CLOSEDATE date closedate
CLOSED char
ADDITIONAL_INFO string
LOCATION_ID location
IS_NEW char ro
IS_RECURRING char
IS_RETURN_CUSTOMER char
IS_REPEATED_APPROACH char
"""

_LEAD = """
TITLE string
COMPANY_TITLE string
STATUS_ID crm_status:STATUS stageId
STATUS_SEMANTIC_ID string stageSemanticId ro
STATUS_DESCRIPTION string
DATE_CLOSED datetime ro
IS_RETURN_CUSTOMER char ro
COMPANY_ID crm_company
CONTACT_ID crm_contact
CONTACT_IDS crm_contact multiple write_only
"""


def entity_types() -> dict[str, EntityType]:
    """Fresh copies by name: user fields are added to them at run time."""
    kinds = (
        EntityType(1, "LEAD", "L", _fields(_LEAD, _PERSON, _MONEY, _MOVED, _REACHABLE)),
        EntityType(2, "DEAL", "D", _fields(_DEAL, _MONEY, _MOVED)),
        EntityType(3, "CONTACT", "C", _fields(_PERSON, _CONTACT, _REACHABLE)),
        EntityType(4, "COMPANY", "CO", _fields(_COMPANY, _REACHABLE)),
    )
    return {kind.name: kind for kind in kinds}


def _fields(*tables: str) -> dict[str, Field]:
    return read_fields("\n".join(line for table in (_COMMON, *tables) for line in table.split("\n") if line))
