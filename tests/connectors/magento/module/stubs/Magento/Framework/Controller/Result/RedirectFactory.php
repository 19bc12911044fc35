<?php

namespace Magento\Framework\Controller\Result;

class RedirectFactory
{
    public function create(array $data = [])
    {
        return new Redirect();
    }
}
