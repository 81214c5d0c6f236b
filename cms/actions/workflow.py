"""Who must look at a page before readers do."""

from django.contrib.auth.models import Group
from django.db import transaction
from wagtail.models import GroupApprovalTask, Page, Workflow, WorkflowPage, WorkflowTask

from marketplace.accounts.roles import Role

NAME = "Tourism publishers"


@transaction.atomic
def ensure_workflow() -> Workflow:
    """Have everything that editors hand in approved by a tourism publisher; safe to repeat.

    Stands on the root, hence for every page. Wagtail's own workflow, whose group is gone, ends.
    """
    task, _ = GroupApprovalTask.objects.get_or_create(name=NAME)
    task.groups.set([Group.objects.get_or_create(name=Role.TOURISM_PUBLISHER.value)[0]])
    workflow, _ = Workflow.objects.get_or_create(name=NAME)
    WorkflowTask.objects.get_or_create(
        workflow=workflow, task=task.task_ptr, defaults={"sort_order": 0}
    )
    root = Page.objects.filter(depth=1).get()
    WorkflowPage.objects.update_or_create(page=root, defaults={"workflow": workflow})
    Workflow.objects.exclude(pk=workflow.pk).filter(name="Moderators approval").update(active=False)
    return workflow
