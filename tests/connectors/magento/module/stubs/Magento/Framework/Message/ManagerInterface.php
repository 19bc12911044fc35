<?php

namespace Magento\Framework\Message;

interface ManagerInterface
{
    public function addNoticeMessage($message, $group = null);
}
