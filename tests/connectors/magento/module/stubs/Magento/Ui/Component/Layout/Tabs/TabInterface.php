<?php

namespace Magento\Ui\Component\Layout\Tabs;

interface TabInterface
{
    public function getTabLabel();

    public function getTabTitle();

    public function getTabClass();

    public function getTabUrl();

    public function isAjaxLoaded();

    public function canShowTab();

    public function isHidden();
}
