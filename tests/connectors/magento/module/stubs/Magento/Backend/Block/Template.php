<?php

namespace Magento\Backend\Block;

class Template extends \Magento\Framework\DataObject
{
    protected $_request;

    public function __construct(Template\Context $context, array $data = [])
    {
        parent::__construct($data);
        $this->_request = $context->getRequest();
    }

    public function getRequest()
    {
        return $this->_request;
    }
}
